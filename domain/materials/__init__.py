"""Materials 材料, files and supplement notices 补正."""
