#include "thimble/model/approval.hpp"

#include "thimble/model/frozen_set.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

const std::string kDebian = "Debian 12 amd64";
const Instant kNow = *parse_instant("2026-11-03T12:00:00Z");

Plan plan_of(const std::string& source, const std::string& version, PlannedChange change) {
    PlannedStep step;
    step.name = source;
    step.source_name = source;
    step.source_version = version;
    step.to_version = version;
    step.change = change;
    step.selected = true;
    Plan plan;
    plan.steps = {step};
    return plan;
}

const Plan kCurl = plan_of("curl", "2", PlannedChange::Upgrade);

FrozenSet set_of_curl() {
    FrozenSet set;
    set.add(kDebian, kCurl);
    set.add("Debian 13 amd64", plan_of("curl", "8", PlannedChange::Upgrade));
    return set;
}

ApprovalStatement statement_of(const std::string& person) {
    return {
        .rollout = "r1",
        .frozen = set_of_curl().digest(),
        .person = person,
        .approved_at = kNow - std::chrono::hours(2),
        .expires_at = kNow + std::chrono::hours(2)};
}

ApprovalEvidence evidence_of(const std::vector<ApprovalStatement>& statements) {
    ApprovalEvidence evidence{
        kDebian, set_of_curl().part(kDebian), set_of_curl().part_digests(), {}};
    for (const ApprovalStatement& statement : statements) {
        evidence.approvals.push_back({format_approval_statement(statement), "signature"});
    }
    return evidence;
}

/// Who counts, in one line.
std::string people(const ApprovalEvidence& evidence, const Plan& plan) {
    const auto fitting = fitting_approvals(evidence, plan, kNow);
    if (!fitting) {
        return fitting.error().code;
    }
    std::string names;
    for (const FittingApproval& one : *fitting) {
        names += one.person + " ";
    }
    return names;
}

TEST(Approval, CountsForAPlanThatIsInTheSet) {
    EXPECT_EQ(
        people(evidence_of({statement_of("alice"), statement_of("bob")}), kCurl), "alice bob ");
}

TEST(Approval, CountsOncePerPerson) {
    EXPECT_EQ(people(evidence_of({statement_of("alice"), statement_of("alice")}), kCurl), "alice ");
}

TEST(Approval, OfAnotherSetOrTimeDoesNotCount) {
    ApprovalStatement other = statement_of("alice");
    other.frozen = std::string(64, 'a');
    ApprovalStatement late = statement_of("bob");
    late.expires_at = kNow;
    ApprovalStatement early = statement_of("carol");
    early.approved_at = kNow + std::chrono::hours(1);

    EXPECT_EQ(people(evidence_of({other, late, early}), kCurl), "");
}

TEST(Approval, OfASetWithoutThePlanIsNone) {
    const ApprovalEvidence evidence = evidence_of({statement_of("alice")});

    for (const Plan& plan :
         {plan_of("curl", "3", PlannedChange::Upgrade),
          plan_of("zlib", "2", PlannedChange::Install),
          plan_of("curl", "2", PlannedChange::Downgrade),
          plan_of("curl", "2", PlannedChange::Remove)}) {
        EXPECT_EQ(people(evidence, plan), "model.not_approved");
    }
}

TEST(Approval, OfAPartThatPeopleDidNotSignIsNone) {
    ApprovalEvidence evidence = evidence_of({statement_of("alice")});
    FrozenSet forged;
    forged.add(kDebian, plan_of("curl", "3", PlannedChange::Upgrade));
    evidence.part = forged.part(kDebian);
    EXPECT_EQ(people(evidence, plan_of("curl", "3", PlannedChange::Upgrade)), "model.not_approved");

    // With the digest of the forged part the whole is another set, which nobody signed.
    evidence.digests = forged.part_digests();
    EXPECT_EQ(people(evidence, plan_of("curl", "3", PlannedChange::Upgrade)), "");
}

TEST(Approval, IsReadAsItWasWritten) {
    const ApprovalEvidence evidence = evidence_of({statement_of("alice")});
    EXPECT_EQ(parse_approval_evidence(format_approval_evidence(evidence)), evidence);
    EXPECT_EQ(
        parse_approval_statement(evidence.approvals.front().statement), statement_of("alice"));
}

TEST(Approval, ThatIsNotCanonicalOrNamesNobodyIsNotRead) {
    const std::string text = format_approval_statement(statement_of("alice"));
    EXPECT_FALSE(parse_approval_statement(text + " "));
    for (const std::string& name :
         {std::string(),
          std::string("-alice"),
          std::string("al ice"),
          std::string("*"),
          std::string("a,b"),
          std::string(65, 'a')}) {
        EXPECT_FALSE(parse_approval_statement(format_approval_statement(statement_of(name))))
            << name;
    }
}

}  // namespace
}  // namespace thimble::model
