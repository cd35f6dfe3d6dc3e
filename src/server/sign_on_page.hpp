#pragma once
/// @file The pages that a browser sees when it comes back from a provider. Pure.

#include "thimble/server/exchange.hpp"

#include <string>

namespace thimble::server {

/// A page of a heading and a text, neither of which is taken for markup.
/// @param code  stands apart, to be copied; empty: none
Response sign_on_page(
    unsigned status,
    const std::string& heading,
    const std::string& text,
    const std::string& code = "");

}  // namespace thimble::server
