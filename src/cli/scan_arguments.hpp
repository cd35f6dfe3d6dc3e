#pragma once
/// @file The command line of `thimble scan` and `thimble explain`.

#include "thimble/base/result.hpp"
#include "thimble/cli/scan_command.hpp"

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}  // namespace CLI

namespace thimble::cli {

/// Declares the options on `app`; after parsing, `finish` turns words into values.
class ScanArguments {
public:
    ScanArguments(CLI::App& app, ScanOptions& options);

    /// Declares --json alone.
    /// @param page  of the formats
    void offer_json(CLI::App& app, const std::string& page);
    /// Declares --json, --sarif and the other formats of a scan.
    void offer_formats(CLI::App& app);

    /// @error Invalid "cli.bad_option"  names the option and what it may be
    Result<void> finish();

private:
    Result<void> finish_policy();
    [[nodiscard]] ScanFormat format() const;
    [[nodiscard]] std::string repeated() const;

    ScanOptions& options_;
    std::string exposure_;
    std::string impact_;
    std::string now_;
    int policy_days_ = 0;
    bool json_ = false;
    bool sarif_ = false;
    bool csv_ = false;
    bool openvex_ = false;
    bool cyclonedx_ = false;
};

}  // namespace thimble::cli
