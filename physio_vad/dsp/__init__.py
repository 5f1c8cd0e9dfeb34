"""Array maths that knows no modality: pure functions on numpy arrays."""
