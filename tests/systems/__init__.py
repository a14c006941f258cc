"""Systems against fakes that speak the real protocols over real sockets."""
