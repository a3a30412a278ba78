"""From the bytes a modeler wrote to a normalised, validated source: read, normalise, validate, describe."""
