using Protean.Codec;
using Protean.Cryptography;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Contracts;

/// <summary>A fresh world for each test and what tests ask of results.</summary>
public abstract class ContractFixture : IDisposable
{
    private protected ContractFixture() => World = new World(Engine);

    private protected WasmEngine Engine { get; } = new();
    private protected World World { get; }

    private protected static PublicKey User(int index) => new(Hash.H("test/user", [(byte)index, (byte)(index >> 8)]).Span);
    private protected static Caller As(PublicKey user) => new Caller.User(user);

    private protected static Effects Completed(CallResult result) =>
        result is CallResult.Completed completed
            ? completed.Effects
            : throw new Xunit.Sdk.XunitException($"completion expected, got {result}");

    private protected static void Refused(uint code, CallResult result)
    {
        var failed = Assert.IsType<CallResult.Failed>(result);
        Assert.Equal((FailureKind.Contract, code), (failed.Failure.Kind, failed.Failure.Code));
    }

    private protected static void Trapped(TrapReason reason, CallResult result)
    {
        var failed = Assert.IsType<CallResult.Failed>(result);
        Assert.Equal((FailureKind.Trap, (uint)reason), (failed.Failure.Kind, failed.Failure.Code));
    }

    private protected ulong BalanceOf(Digest token, byte[] account)
    {
        var output = Completed(World.Call(token, Caller.None, Token.Balance(account))).Output;
        return new Decoder(output.Span).U64();
    }

    public void Dispose()
    {
        Engine.Dispose();
        GC.SuppressFinalize(this);
    }
}
