using Protean.Cryptography;
using Protean.Wasm.Modules;
using Wasmtime;
using WasmCaller = Wasmtime.Caller;

namespace Protean.Wasm;

/// <summary>Native cryptography for contracts (paper 6): hashes and signatures.</summary>
internal static class CryptographyFunctions
{
    public static void Define(Linker linker)
    {
        const string module = HostSignatures.Module;
        linker.DefineFunction(module, "sha256", static (WasmCaller caller, int data, int length, int to) =>
        {
            var frame = EnterHash(caller, length);
            frame.Write(to, Hash.Sha256(frame.Memory(data, length)).Span);
        });
        linker.DefineFunction(module, "sha512", static (WasmCaller caller, int data, int length, int to) =>
        {
            var frame = EnterHash(caller, length);
            frame.Write(to, Hash.Sha512(frame.Memory(data, length)));
        });
        linker.DefineFunction(module, "blake2b256", static (WasmCaller caller, int data, int length, int to) =>
        {
            var frame = EnterHash(caller, length);
            frame.Write(to, Hash.Blake2b(frame.Memory(data, length)).Span);
        });
        linker.DefineFunction(module, "ed25519_verify",
            static (WasmCaller caller, int key, int message, int length, int signature) => Verify(caller, key, message, length, signature));
    }

    private static ContractFrame EnterHash(WasmCaller caller, int length) =>
        HostFunctions.Enter(caller, FuelTariff.Hash + HostFunctions.ForBytes(length, FuelTariff.HashByte));

    private static int Verify(WasmCaller caller, int key, int message, int length, int signature)
    {
        var frame = HostFunctions.Enter(caller, FuelTariff.Ed25519Verify + HostFunctions.ForBytes(length, FuelTariff.HashByte));
        var publicKey = new PublicKey(frame.Memory(key, PublicKey.Size));
        return Ed25519.Verify(publicKey, frame.Memory(message, length), new Signature(frame.Memory(signature, Signature.Size))) ? 1 : 0;
    }
}
