"""Pure painters: a focus, a width and a glyph set make a Drawing."""
