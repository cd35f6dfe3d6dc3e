#pragma once
/// @file The memory of an agent that waits (docs/adr/0040).

namespace thimble::agent {

/// Gives back what a wait does not need: free memory of the heap, and the pages of program and libraries that are mapped from
/// their files and never written. What is needed again is mapped again, mostly without reading.
void give_back_memory();

}  // namespace thimble::agent
