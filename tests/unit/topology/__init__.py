"""Tests of the integration map: loaded, checked, named, walked, drawn and drafted."""
