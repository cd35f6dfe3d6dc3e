namespace thimble::catalog {}
