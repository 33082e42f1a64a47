# SPDX-License-Identifier: Apache-2.0
#
# What the scripts about the vendor's compiler share. Its wheels carry modules for Python 3.6 to 3.10: one of these must
# be there, by name or as $PYTHON.
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/common.sh"

if [ -z "${PYTHON:-}" ]; then
  for name in python3.10 python3.9 python3.8 python3.7; do
    if "$name" --version > /dev/null 2>&1; then PYTHON=$name; break; fi
  done
fi
[ -n "${PYTHON:-}" ] || { echo "expected Python 3.6 to 3.10, as python3.N or \$PYTHON"; exit 2; }

# nncase NAME RELEASE: a virtual environment with this release and a module `net` for the scripts.
nncase() {
  "$PYTHON" -m venv "$1"
  "$1/bin/pip" install --quiet "nncase==$2" onnx==1.12.0 numpy==1.21.6 'protobuf<4'
}

cat > net.py <<'PYTHON'
"""One-node networks for the K210: compiled, run on nncase's simulator, and the inputs as the network sees them."""
import nncase, numpy as np
from onnx import TensorProto, helper, numpy_helper

def run(op, shape, constants=(), **attributes):
    """The kmodel, a random uint8 input as floats 0..1, and the simulator's output."""
    random = np.random.default_rng(1)
    names = [f"c{i}" for i in range(len(constants))]
    graph = helper.make_graph(
        [helper.make_node(op, ["x", *names], ["y"], **attributes)], "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(c, n) for n, c in zip(names, constants)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    import onnx
    model = onnx.shape_inference.infer_shapes(model)
    codes = [random.integers(0, 256, shape).astype(np.uint8) for _ in range(4)]
    options = nncase.CompileOptions()
    options.target, options.dump_ir, options.dump_asm = "k210", False, False
    options.preprocess, options.input_type, options.input_shape = True, "uint8", shape
    options.input_range, options.input_layout, options.output_layout = [0, 1], "NCHW", "NCHW"
    options.swapRB, options.letterbox_value, options.mean, options.std = False, 0, [0] * 3, [1] * 3
    compiler = nncase.Compiler(options)
    compiler.import_onnx(model.SerializeToString(), nncase.ImportOptions())
    calibration = nncase.PTQTensorOptions()
    calibration.samples_count = len(codes)
    calibration.set_tensor_data(b"".join(c.tobytes() for c in codes))
    compiler.use_ptq(calibration)
    compiler.compile()
    kmodel = compiler.gencode_tobytes()
    simulator = nncase.Simulator()
    simulator.load_model(kmodel)
    simulator.set_input_tensor(0, nncase.RuntimeTensor.from_numpy(codes[0]))
    simulator.run()
    return kmodel, codes[0].astype(np.float32) * np.float32(1 / 255), simulator.get_output_tensor(0).to_numpy()
PYTHON
