"""One folder per analysis: what it computes, the columns, tables and figures that it gives."""
