#pragma once
/// @file The API as a page for people, made from the tables that the server routes by. Pure.

#include <string>
#include <string_view>

namespace thimble::server {

/// The page at /docs: every endpoint with who may ask it and what its body has, every list with its columns. Without
/// a script; the same bytes each time.
std::string api_page_html();

/// Its style sheet.
std::string_view api_page_style();

}  // namespace thimble::server
