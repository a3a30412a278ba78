"""The models shipped with the product: one folder per item with its diagram, forms and item.json."""
