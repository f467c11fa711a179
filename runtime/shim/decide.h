// Leaves out of a body what the class of its module decides, see decide.cc.
#pragma once

#include "declared.h"

namespace tch_jit {

// The body without the branches that never run in a module of this class; `self` is null for a function.
torch::jit::Def without_dead_branches(const Body& body, const c10::ClassTypePtr& self,
                                      const Declared& declared);

}  // namespace tch_jit
