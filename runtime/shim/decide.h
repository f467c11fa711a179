// Leaves out of a body what the class of its module decides, see decide.cc.
#pragma once

#include <string>
#include <unordered_set>

#include "declared.h"

namespace tch_jit {

// The body without the branches that never run in a module of this class; `self` is null for a function.
torch::jit::Def without_dead_branches(const Body& body, const c10::ClassTypePtr& self,
                                      const Declared& declared);

// The variables that the statements assign.
void collect_assigned(const torch::jit::TreeRef& tree, std::unordered_set<std::string>& names);

}  // namespace tch_jit
