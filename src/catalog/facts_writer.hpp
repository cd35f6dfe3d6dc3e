#pragma once
/// @file Facts of vulnerabilities as records.

#include "thimble/catalog/collected.hpp"
#include "thimble/catalog/extent_writer.hpp"
#include "thimble/catalog/format.hpp"

#include <cstdint>
#include <vector>

namespace thimble::catalog {

/// Where the records of one extent gather.
struct FactRecords {
    std::vector<format::Fact> facts;
    std::vector<format::Exploit> exploits;
};

/// Appends the record of fact number `number`. Its summary goes to `text`, everything else to
/// `strings`; the two may be the same pool.
void append_fact(
    FactRecords& records,
    const Collection& collection,
    std::uint32_t number,
    StringPoolWriter& strings,
    StringPoolWriter& text);

}  // namespace thimble::catalog
