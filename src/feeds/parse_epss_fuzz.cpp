#include "thimble/feeds/parse_epss.hpp"

#include "thimble/feeds/fuzz_parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    return thimble::feeds::fuzz_parser(thimble::feeds::parse_epss, bytes, size);
}
