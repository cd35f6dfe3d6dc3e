namespace thimble::report {}
