// Workarounds that make libtorch run loops as they are written, here and where a saved file is loaded.
#pragma once

#include <vector>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/frontend/sugared_value.h>
#include <torch/csrc/jit/frontend/tree_views.h>

namespace tch_jit {

// The name, without `$`, of a form that `keep_changes` calls in a body, and its meaning: see changes.cc.
constexpr const char* KEEP_CHANGES = "keep_changes";
torch::jit::Def keep_changes(const torch::jit::Def& def);
std::shared_ptr<torch::jit::SugaredValue> keep_changes_form();
// Removes what the form left in a compiled graph.
void remove_keepers(torch::jit::Block* block);

// Both workarounds, for functions that were just defined: see loop_reads.cc and loop_aliases.cc.
void settle_loops(const std::vector<torch::jit::Function*>& functions);

// Keeps libtorch's interpreter from losing what a loop reads.
void settle_reads(torch::jit::Graph& graph);

// Keeps what is changed while something else holds it: see containers.cc.
void settle_containers(const std::shared_ptr<torch::jit::Graph>& graph);

// What the node changes in place.
std::vector<torch::jit::Value*> written_by(torch::jit::Node* node);

// Tells libtorch's alias analysis about names that change places in loops, and, where the function writes, in loops of
// what it calls.
void settle_aliases(torch::jit::GraphFunction& function);

// The loops of the block, those that contain others first.
std::vector<torch::jit::Node*> loops_of(torch::jit::Block* block);

// Inserts a condition that never holds, though libtorch cannot know that: a comparison of one of the values, or of an
// argument of the graph; null where none of them has a type that can be compared. All values are there.
torch::jit::Value* insert_never(torch::jit::Graph& graph, std::vector<torch::jit::Value*> values);

// Whether the condition is one that insert_never made.
bool is_never(const torch::jit::Value* condition);

}  // namespace tch_jit
