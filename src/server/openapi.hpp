#pragma once
/// @file The description of the API (OpenAPI 3.1), made from the table of routes and the table of lists.
/// Pure.

#include <string>

namespace thimble::server {

/// The document served at /api/v1/openapi.json; the same bytes each time.
std::string openapi_document();

}  // namespace thimble::server
