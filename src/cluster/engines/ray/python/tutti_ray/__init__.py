"""What of tutti runs on the nodes of a Ray cluster beside Node: one manager a cluster of workers, one host a worker."""
