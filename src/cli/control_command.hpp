#pragma once
/// @file thimble control preview | deploy | verify | remove | recover | restore | installed: the controls of this host.

#include <cstdint>
#include <ostream>
#include <string>

namespace thimble::cli {

struct ControlOptions {
    std::string file;  ///< of deploy and preview
    std::string id;    ///< empty: all, where that can be meant
    std::string
        digest;       ///< of the document; empty: whichever it is, and a file of deploy may be YAML
    std::string job;  ///< that asks for it; it is said in the report
    std::string state;
    std::string root;            ///< nothing can be put up in a directory
    bool packet_filter = false;  ///< of restore: rules alone
    // Of probe.
    std::string from;  ///< "allowed", "refused"
    std::string address;
    std::uint16_t port = 0;
    bool json = false;
};

/// @return 0 as it should be; 1 it does not hold
int run_control_deploy(const ControlOptions& options, std::ostream& out, std::ostream& err);
int run_control_verify(const ControlOptions& options, std::ostream& out, std::ostream& err);
int run_control_remove(const ControlOptions& options, std::ostream& out, std::ostream& err);
/// Brings a control into order that was broken off.
int run_control_recover(const ControlOptions& options, std::ostream& out, std::ostream& err);
/// Tries a port of another host, which a control guards there.
int run_control_probe(const ControlOptions& options, std::ostream& out, std::ostream& err);
/// After a start of the machine.
int run_control_restore(const ControlOptions& options, std::ostream& out, std::ostream& err);
/// Prints what a document would put up.
int run_control_preview(const ControlOptions& options, std::ostream& out, std::ostream& err);
int run_control_installed(const ControlOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
