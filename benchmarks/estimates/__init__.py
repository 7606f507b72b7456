"""Performance without labels, estimated again and again where the labels are known after all."""
