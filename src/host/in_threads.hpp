#pragma once
/// @file Work that waits, several at a time.

#include <cstddef>
#include <functional>

namespace thimble::host {

/// Calls `work` in each of `threads` threads, of which the calling one is the first, and waits for all. Where the machine
/// gives fewer, fewer call it: what is to be done must not be dealt out by their number.
/// @param work  throws nothing; safe to be called by several threads at once
void in_threads(std::size_t threads, const std::function<void()>& work);

}  // namespace thimble::host
