#pragma once
/// @file A program that was let into an enclosure and not waited for. Private to this folder.

#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/enclosure_process.hpp"
#include "thimble/host/file_access.hpp"

#include <memory>
#include <string>

namespace thimble::host {

/// The program itself. The enclosure and the caller's handle both know it, and whoever ends first ends
/// it: process 1 of the enclosure cannot go before it was waited for.
class RunningProgram {
public:
    static Result<std::shared_ptr<RunningProgram>> start(
        std::shared_ptr<const Namespaces> namespaces,
        const Command& command,
        const std::string& output);

    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;
    RunningProgram(RunningProgram&&) = delete;
    RunningProgram& operator=(RunningProgram&&) = delete;
    ~RunningProgram() { end(); }

    void end();
    bool is_running();
    [[nodiscard]] int exit_status() const { return exit_status_; }
    [[nodiscard]] std::string output(std::size_t limit) const;

private:
    RunningProgram(std::shared_ptr<const Namespaces> namespaces, LetIn program, Descriptor output)
        : namespaces_(std::move(namespaces)), program_(program), output_(std::move(output)) {}

    std::shared_ptr<const Namespaces> namespaces_;  // shared: it may outlive the enclosure's own
    LetIn program_;
    Descriptor output_;
    bool ended_ = false;
    int exit_status_ = 0;
};

/// What the caller holds.
class BackgroundHandle final : public BackgroundProgram {
public:
    explicit BackgroundHandle(std::shared_ptr<RunningProgram> program)
        : program_(std::move(program)) {}
    BackgroundHandle(const BackgroundHandle&) = delete;
    BackgroundHandle& operator=(const BackgroundHandle&) = delete;
    BackgroundHandle(BackgroundHandle&&) = delete;
    BackgroundHandle& operator=(BackgroundHandle&&) = delete;
    ~BackgroundHandle() override { program_->end(); }

    bool is_running() override { return program_->is_running(); }
    int exit_status() override { return is_running() ? 0 : program_->exit_status(); }
    std::string output(std::size_t limit) override { return program_->output(limit); }

private:
    std::shared_ptr<RunningProgram> program_;  // shared: see RunningProgram
};

}  // namespace thimble::host
