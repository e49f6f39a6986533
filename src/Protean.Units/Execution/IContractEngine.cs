using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Units.Contracts;

namespace Protean.Units.Execution;

/// <summary>A machine that runs contracts: WebAssembly by default, any other deterministic machine beside it (paper 3.3).</summary>
/// <remarks>Everything is a function of its arguments: same code, call and host answers give the same result on every member, or the
/// engine throws and its member stops. It never guesses.</remarks>
public interface IContractEngine
{
    /// <summary>At deploy: is this code deterministic, bounded and runnable? Null if so, else the first thing wrong
    /// with it and where: function index (imports counted) and byte offset.</summary>
    Refusal? Check(ReadOnlySpan<byte> code);

    /// <summary>Runs one call and all calls nested in it, as one tree with one result.</summary>
    /// <exception cref="EngineFaultException">This machine, not the contract, failed: out of native memory, say. The member
    /// stops.</exception>
    CallResult Call(ContractCall call, IContractHost host);
}

/// <summary>What a call may see of the world. Code is the execution unit's own state; contract state comes from the request's witness
/// (protocols 8.6).</summary>
public interface IContractHost
{
    /// <summary>Published code, or false if this execution unit has no such contract.</summary>
    bool TryCode(Digest contract, out Bytes code);

    /// <summary>The value under a full key (<see cref="ContractKeys"/>), null if proven absent; false if the witness does not cover the
    /// key.</summary>
    bool TryRead(Bytes key, out StateEntry? entry);

    /// <summary>Every entry whose key begins with a full prefix, in key order, and the hash of that subtree; false if the witness does not
    /// cover it all.</summary>
    bool TryScan(Bytes prefix, out Digest subtreeHash, out IReadOnlyList<StateEntry> entries);
}

/// <summary>One key of the state unit with its value and the version of its last change.</summary>
public sealed record StateEntry(Bytes Key, ulong Version, Bytes Value);

/// <summary>One top-level call.</summary>
/// <param name="ExecutionUnit">The unit that runs it; part of every state key.</param>
/// <param name="Contract">The contract called first.</param>
/// <param name="Input">Canonical <c>method:text</c>, then the method's arguments as the contract lays them out.</param>
/// <param name="Caller">The authenticated client, or none. Never a contract at top level.</param>
/// <param name="Fuel">What the whole tree of calls may spend (docs/contracts.md).</param>
public sealed record ContractCall(Digest ExecutionUnit, Digest Contract, Bytes Input, Caller Caller, ulong Fuel)
{
    /// <summary>The instance whose pinned workflow this call is a step of, as admission checked it (protocols 8.2 C0); null for a direct
    /// call.
    /// A contract that keeps its state under it is moved by no workflow but those its creator pinned.</summary>
    public Digest? Instance { get; init; }
}

/// <summary>On whose behalf a contract runs.</summary>
public abstract record Caller
{
    private Caller()
    {
    }

    public static Caller None { get; } = new Nobody();

    public sealed record Nobody : Caller;

    public sealed record User(PublicKey Key) : Caller;

    public sealed record Contract(Digest Id) : Caller;
}

/// <summary>This machine failed where the contract did not. Giving a result now could contradict the other members.</summary>
public sealed class EngineFaultException : Exception
{
    public EngineFaultException(string message) : base(message)
    {
    }

    public EngineFaultException(string message, Exception cause) : base(message, cause)
    {
    }
}
