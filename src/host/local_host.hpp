#pragma once
/// @file This machine, as the user we run as.

#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"

namespace thimble::host {

/// The running system, from "/" on.
class LocalHost final : public Host {
public:
    /// @param surroundings  of the programs that are run on it
    explicit LocalHost(Surroundings surroundings = Surroundings::Caller)
        : surroundings_(surroundings) {}

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::string local_root() const override { return "/"; }
    Result<std::string> read_file(std::string_view path, std::size_t limit) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<FileInfo> look(std::string_view path, Follow follow) override;
    Result<std::string> read_link(std::string_view path) override;
    Result<Outcome> run(const Command& command) override;

private:
    Surroundings surroundings_;
};

}  // namespace thimble::host
