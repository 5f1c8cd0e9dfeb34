"""A whole study on disk: recipes, tables made a recording at a time, the steps."""
