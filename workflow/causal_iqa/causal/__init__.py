"""The paper's causal graphs: read, checked for d-separation, and what data can say beside them."""
