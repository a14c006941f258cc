"""The integration map: loaded, checked, named, drawn."""
