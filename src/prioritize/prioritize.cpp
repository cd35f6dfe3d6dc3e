namespace thimble::prioritize {}
