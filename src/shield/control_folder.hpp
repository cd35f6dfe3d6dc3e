#pragma once
/// @file Where a host keeps the records of its controls: STATE/controls/ID/record.json.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/shield/control_record.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::shield {

/// Ours alone while it is open.
class ControlFolder {
public:
    /// Makes the folder where it is not there, and waits until nobody else works in it.
    /// @error Denied, Unavailable
    static Result<ControlFolder> open(const std::filesystem::path& state);

    /// @error NotFound "shield.no_control"; Corrupt "base.bad_json", "shield.bad_record"
    [[nodiscard]] Result<ControlRecord> read(const std::string& id) const;
    /// Written, synced, renamed: it is there when this returns.
    [[nodiscard]] Result<void> write(const ControlRecord& record) const;
    [[nodiscard]] Result<void> forget(const std::string& id) const;
    /// The folder of a record, absolute; what else its control keeps goes with it.
    [[nodiscard]] std::string path_of(const std::string& id) const;
    /// Ids of all records, sorted, damaged ones too.
    [[nodiscard]] std::vector<std::string> ids() const;

private:
    ControlFolder(std::filesystem::path path, host::Descriptor lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::filesystem::path path_;
    host::Descriptor lock_;
};

}  // namespace thimble::shield
