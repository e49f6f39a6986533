using Protean.Cryptography;
using Protean.Wasm.Modules;
using Wasmtime;
using WasmCaller = Wasmtime.Caller;

namespace Protean.Wasm;

/// <summary>The group ristretto255 for contracts (paper 6; RFC 9496). What does not decode gives 0 and leaves memory as it was. All data is
/// public: a contract has no secrets.</summary>
internal static class Ristretto255Functions
{
    private const int UniformSize = 64;

    public static void Define(Linker linker)
    {
        const string module = HostSignatures.Module;
        linker.DefineFunction(module, "ristretto255_add", static (WasmCaller caller, int left, int right, int to) =>
        {
            var frame = HostFunctions.Enter(caller, FuelTariff.Ristretto255Add);
            return TryPoint(frame, left, out var a) && TryPoint(frame, right, out var b) ? Give(frame, to, a + b) : 0;
        });
        linker.DefineFunction(module, "ristretto255_subtract", static (WasmCaller caller, int left, int right, int to) =>
        {
            var frame = HostFunctions.Enter(caller, FuelTariff.Ristretto255Add);
            return TryPoint(frame, left, out var a) && TryPoint(frame, right, out var b) ? Give(frame, to, a - b) : 0;
        });
        linker.DefineFunction(module, "ristretto255_multiply", static (WasmCaller caller, int scalar, int point, int to) =>
        {
            var frame = HostFunctions.Enter(caller, FuelTariff.Ristretto255Multiply);
            return TryScalar(frame, scalar, out var s) && TryPoint(frame, point, out var p) ? Give(frame, to, s * p) : 0;
        });
        linker.DefineFunction(module, "ristretto255_multiply_base", static (WasmCaller caller, int scalar, int to) =>
        {
            var frame = HostFunctions.Enter(caller, FuelTariff.Ristretto255MultiplyBase);
            return TryScalar(frame, scalar, out var s) ? Give(frame, to, Point.MultiplyBase(s)) : 0;
        });
        linker.DefineFunction(module, "ristretto255_from_hash", static (WasmCaller caller, int uniform, int to) =>
        {
            var frame = HostFunctions.Enter(caller, FuelTariff.Ristretto255FromHash);
            frame.Write(to, Point.FromUniform(frame.Memory(uniform, UniformSize)).Span);
        });
        linker.DefineFunction(module, "ristretto255_reduce", static (WasmCaller caller, int wide, int to) =>
        {
            var frame = HostFunctions.Enter(caller, FuelTariff.Hash);
            frame.Write(to, Scalar.Reduce(frame.Memory(wide, UniformSize)).Span);
        });
    }

    private static bool TryPoint(ContractFrame frame, int at, out Point point) => Point.TryDecode(frame.Memory(at, Point.Size), out point);

    private static bool TryScalar(ContractFrame frame, int at, out Scalar scalar) =>
        Scalar.TryDecode(frame.Memory(at, Scalar.Size), out scalar);

    private static int Give(ContractFrame frame, int to, Point point)
    {
        frame.Write(to, point.Span);
        return 1;
    }
}
