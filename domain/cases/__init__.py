"""办件: cases, their legs, and the one road by which a leg moves."""
