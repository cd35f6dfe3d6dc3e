#include "thimble/cli/virtual_patch_command.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/replace_file.hpp"
#include "thimble/mitigate/parse_virtual_patch.hpp"
#include "thimble/mitigate/proof.hpp"

#include <fcntl.h>

#include <cerrno>
#include <chrono>

namespace thimble::cli {
namespace {

using mitigate::Proof;
using mitigate::TriedRequest;

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 10;

std::chrono::nanoseconds steady_now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

Result<std::string> text_of(const std::string& path) {
    const host::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        return host::system_error(errno, path);
    }
    return host::read_descriptor(file, path, kMaxFileBytes);
}

void show(std::ostream& out, const TriedRequest& one, std::string_view result) {
    constexpr std::size_t kWidth = 100;
    out << "  " << result << "  " << printable(one.what) << ": "
        << printable(mitigate::sample_line(one.sample), kWidth);
    if (one.rule != 0) {
        out << "  (rule " << one.rule << ")";
    }
    out << '\n';
}

void show(std::ostream& out, const mitigate::BesideOthers& beside, std::size_t variants) {
    out << "With the other rules beside it: " << beside.variants_by_both << " of " << variants
        << " blocked; " << beside.variants_by_others << " by the others alone\n";
    for (const std::string& what : beside.benign_blocked) {
        out << "  BLOCKED  " << what << " beside the other rules\n";
    }
}

void show(std::ostream& out, const mitigate::VirtualPatch& patch, const Proof& proof, bool all) {
    out << "virtual patch " << patch.name << " on " << mitigate::engine_version() << '\n';
    for (const TriedRequest& one : proof.attacks) {
        const bool is_stopped = one.blocked && one.rule != 0;
        show(out, one, is_stopped ? "blocked" : "PASSED ");
    }
    for (const TriedRequest& one : proof.benign) {
        show(out, one, one.blocked ? "BLOCKED" : "passed ");
    }
    out << "\nVariants of the attacks: " << proof.blocked_variants() << " of "
        << proof.variants.size() << " blocked\n";
    for (const TriedRequest& one : proof.variants) {
        if (all || !one.blocked) {
            show(out, one, one.blocked ? "blocked" : "passed ");
        }
    }
    if (proof.beside) {
        show(out, *proof.beside, proof.variants.size());
    }
    const auto cost = std::chrono::duration_cast<std::chrono::microseconds>(proof.cost);
    out << "\nCost: " << cost.count() << " µs for a benign request (median, this machine, now)\n\n";
}

Result<int> prove_and_write(const VirtualPatchOptions& options, std::ostream& out) {
    THIMBLE_TRY(const std::string text, text_of(options.file));
    THIMBLE_TRY(const mitigate::VirtualPatch patch, mitigate::parse_virtual_patch(text));
    THIMBLE_TRY(const Proof proof, mitigate::prove(patch, steady_now, options.beside));
    const auto mode =
        options.mode == "block" ? mitigate::RuleMode::Block : mitigate::RuleMode::Detect;
    THIMBLE_TRY(const std::string rules, mitigate::security_rules(patch, mode));
    if (options.json) {
        out << mitigate::format_proof(patch, proof) << '\n';
    } else {
        show(out, patch, proof, options.all);
    }
    if (!proof.holds()) {
        if (!options.json) {
            out << "It does not hold: mend what is in capitals above. No rules were written.\n";
        }
        return kSomethingDue;
    }
    if (!options.output.empty()) {
        THIMBLE_TRY(host::replace_file(options.output, rules, host::Readers::Anyone));
    }
    if (options.json) {
        return kNothingDue;
    }
    if (options.output.empty()) {
        out << rules << "\nNext: thimble control virtual-patch " << printable(options.file)
            << " --output /etc/modsecurity/thimble-" << patch.name << ".conf\n";
    } else {
        out << "It holds; the rules are in " << printable(options.output) << ", to "
            << (mode == mitigate::RuleMode::Block ? "block" : "detect") << ".\n";
    }
    return kNothingDue;
}

}  // namespace

int run_virtual_patch(const VirtualPatchOptions& options, std::ostream& out, std::ostream& err) {
    const auto status = prove_and_write(options, out);
    return status ? *status : complain(err, status.error());
}

}  // namespace thimble::cli
