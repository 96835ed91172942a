#include "common/cel/program.h"

#include "common/cel/code.h"

namespace atoll::cel {

Program::Program(EnvironmentPtr environment, std::unique_ptr<Checked> checked, std::unique_ptr<Code> code)
    : environment_(std::move(environment)), checked_(std::move(checked)), code_(std::move(code)) {}
Program::~Program() = default;

const Type& Program::type() const { return *checked_->types[checked_->ast.root]; }

bool Program::Uses(int slot) const {
  return slot >= 0 && static_cast<size_t>(slot) < code_->uses.size() && code_->uses[static_cast<size_t>(slot)] != 0;
}

Range Program::EstimateCost(const SizeEstimator* sizes) const { return Estimate(*environment_, *checked_, sizes); }

size_t Program::MemoryBytes() const {
  return sizeof(*this) + sizeof(Checked) + sizeof(Code) +
         checked_->ast.nodes.size() * (sizeof(Node) + sizeof(Ref) + 16) +
         code_->instructions.size() * sizeof(Instruction) + code_->constants.size() * sizeof(Value);
}

}  // namespace atoll::cel
