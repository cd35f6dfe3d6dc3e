namespace thimble::inventory {}
