// Workarounds that make libtorch run loops as they are written, here and where a saved file is loaded.
#pragma once

#include <vector>

#include <torch/csrc/jit/api/function_impl.h>

namespace tch_jit {

// Both workarounds, for functions that were just defined: see loop_reads.cc and loop_aliases.cc.
void settle_loops(const std::vector<torch::jit::Function*>& functions);

// Keeps libtorch's interpreter from losing what a loop reads.
void settle_reads(torch::jit::Graph& graph);

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
