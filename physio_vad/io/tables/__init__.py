"""Tables of any kind: CSV and other text, Parquet, MATLAB, arrays."""
