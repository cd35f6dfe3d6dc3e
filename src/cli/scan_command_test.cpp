#include "thimble/cli/scan_command.hpp"

#include "thimble/base/result.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

constexpr std::array<const char*, 3> kJson{"thimble", "scan", "--json"};

/// What people and scripts are told of a catalog that cannot be read.
struct Told {
    std::string text;
    std::string document;
};

Told told_of_catalog(const ScanOptions& options) {
    std::ostringstream out;
    std::ostringstream err;
    ErrorDocument errors(out, err, kJson);
    const Error damaged = failure(ErrorKind::Corrupt, "catalog.corrupt", "it is damaged");
    EXPECT_EQ(errors.finish(complain_of_scan(options, damaged, err)), kBadInput);
    return {.text = err.str(), .document = out.str()};
}

TEST(ComplainOfScan, NamesTheStateDirectoryThatWasAskedFor) {
    ScanOptions options;
    options.state = "/srv/my state";

    const Told told = told_of_catalog(options);

    const std::string step = "Run `thimble feeds sync --state '/srv/my state'`, which";
    EXPECT_TRUE(told.text.contains(step)) << told.text;
    EXPECT_TRUE(told.document.contains(R"("next":")" + step)) << told.document;
}

TEST(ComplainOfScan, BuildsTheCatalogThatWasAskedFor) {
    ScanOptions options;
    options.catalog = "my.cat";

    const Told told = told_of_catalog(options);

    const std::string step = "thimble catalog build --feed NAME=FILE --output my.cat";
    EXPECT_TRUE(told.text.contains(step)) << told.text;
    EXPECT_FALSE(told.text.contains("feeds sync")) << told.text;
    EXPECT_TRUE(told.document.contains(step)) << told.document;
}

}  // namespace
}  // namespace thimble::cli
