namespace thimble::feeds {}
