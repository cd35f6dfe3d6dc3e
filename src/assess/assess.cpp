namespace thimble::assess {}
