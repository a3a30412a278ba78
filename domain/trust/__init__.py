"""互信: what deployments tell each other about themselves: new keys of sites, and anchors to countersign."""
