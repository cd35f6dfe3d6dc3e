namespace thimble::host {}
