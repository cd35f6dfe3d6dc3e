#include "thimble/apply/apk_steps.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/package_words.hpp"
#include "thimble/model/version_order.hpp"

#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

using model::PlannedStep;

bool is_apk_version(std::string_view text) {
    const model::VersionOrder* order = model::version_order_named("apk");
    THIMBLE_CHECK(order != nullptr);
    return order->check(text).has_value();
}

Result<std::string> label(const PlannedStep& step) {
    const bool removes = step.to_version.empty();
    if (!model::is_package_name(step.name) || (!removes && !is_apk_version(step.to_version))) {
        return failure(
            ErrorKind::Invalid,
            "apply.bad_package_name",
            "no package of apk is called " + printable(step.name + " " + step.to_version, 100));
    }
    return removes ? "!" + step.name : step.name + "=" + step.to_version;
}

}  // namespace

Result<std::vector<std::string>> apk_fetch(
    std::span<const PlannedStep> steps, const std::string& folder) {
    std::vector<std::string> argv{"apk", "fetch", "--no-progress", "--output", folder, "--"};
    for (const PlannedStep& step : steps) {
        THIMBLE_TRY(std::string one, label(step));
        if (!step.to_version.empty()) {
            argv.push_back(std::move(one));
        }
    }
    return argv;
}

Result<std::vector<std::string>> apk_change(
    std::span<const PlannedStep> steps, std::chrono::seconds lock_wait) {
    std::vector<std::string> argv{
        "apk", "add", "--no-progress", "--wait", std::to_string(lock_wait.count()), "--"};
    for (const PlannedStep& step : steps) {
        THIMBLE_TRY(std::string one, label(step));
        argv.push_back(std::move(one));
    }
    return argv;
}

std::vector<std::string> apk_repair() {
    return {"apk", "fix", "--no-progress", "--no-network"};
}

}  // namespace thimble::apply
