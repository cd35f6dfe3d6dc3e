#include "thimble/apply/expected_actions.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

using Key = std::pair<std::string_view, std::string_view>;  // name, architecture

/// An expected action, and whether apt means to do it.
struct Awaited {
    const ExpectedAction* action = nullptr;
    bool seen = false;
};

class Comparison {
public:
    explicit Comparison(const std::vector<ExpectedAction>& expected) {
        for (const ExpectedAction& action : expected) {
            awaited_[Key(action.name, action.architecture)] = {.action = &action};
        }
    }

    void take(const AptAction& action) {
        switch (action.kind) {
            case AptAction::Kind::Unpack: take_unpacking(action); break;
            case AptAction::Kind::Configure: take_configuring(action); break;
            case AptAction::Kind::Remove: take_removal(action); break;
        }
    }

    std::vector<std::string> finish() {
        for (const auto& [key, awaited] : awaited_) {
            if (awaited.seen || awaited.action->kind == ActionKind::Finish) {
                continue;
            }
            const bool removes = awaited.action->kind == ActionKind::Remove;
            tell(
                (removes ? "would not remove " : "would not install ") + awaited.action->name + " "
                + awaited.action->version);
        }
        return std::move(found_);
    }

private:
    void tell(std::string sentence) { found_.push_back("apt " + std::move(sentence)); }

    Awaited* find(const std::string& name, const std::string& architecture) {
        const auto found = awaited_.find(Key(name, architecture));
        return found == awaited_.end() ? nullptr : &found->second;
    }

    void take_unpacking(const AptAction& action) {
        judged_.insert({action.name, action.new_architecture});
        Awaited* awaited = find(action.name, action.new_architecture);
        if (awaited == nullptr || awaited->action->kind == ActionKind::Remove) {
            tell("would install " + action.name + " " + action.new_version);
            return;
        }
        if (awaited->action->version != action.new_version) {
            tell(
                "would install " + action.name + " " + action.new_version + ", not "
                + awaited->action->version);
        } else if (awaited->action->path != action.path) {
            tell(
                "would install " + action.name + " from " + action.path + ", not from "
                + awaited->action->path);
        }
        awaited->seen = true;
    }

    /// Every unpacked package is configured in the end, and was judged by then.
    void take_configuring(const AptAction& action) {
        if (judged_.contains({action.name, action.new_architecture})) {
            return;
        }
        const Awaited* awaited = find(action.name, action.new_architecture);
        if (awaited == nullptr || awaited->action->kind == ActionKind::Remove
            || awaited->action->version != action.new_version) {
            tell("would configure " + action.name + " " + action.new_version);
        }
    }

    void take_removal(const AptAction& action) {
        Awaited* awaited = find(action.name, action.old_architecture);
        // To get round a conflict apt removes a package for a moment, and then installs it.
        const bool comes_again = !action.new_version.empty();
        if (comes_again) {
            awaited = find(action.name, action.new_architecture);
        }
        if (awaited == nullptr || comes_again == (awaited->action->kind == ActionKind::Remove)) {
            tell("would remove " + action.name + " " + action.old_version);
            return;
        }
        awaited->seen = awaited->seen || !comes_again;
    }

    std::map<Key, Awaited> awaited_;
    std::vector<std::string> found_;
    std::set<Key> judged_;  // what is unpacked
};

}  // namespace

std::vector<std::string> differences(
    const std::vector<ExpectedAction>& expected, const std::vector<AptAction>& actions) {
    Comparison comparison(expected);
    for (const AptAction& action : actions) {
        comparison.take(action);
    }
    return comparison.finish();
}

}  // namespace thimble::apply
