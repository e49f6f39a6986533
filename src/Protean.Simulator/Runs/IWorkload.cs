using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Barrier = Protean.Workflows.Barrier;

namespace Protean.Simulator.Runs;

/// <summary>A unit and what its clients do: one object for each run.</summary>
public interface IWorkload
{
    IFunctionalUnit Unit { get; }
    ISignatureScheme Scheme { get; }
    IReadOnlyList<NamedValue> Parameters { get; }

    /// <summary>The transaction whose results members find together; null where the unit has none.</summary>
    string? Shared => null;

    /// <summary>What no member may ever have in the clear: in no frame, and on no disk.</summary>
    IReadOnlyList<byte[]> Hidden => [];

    /// <summary>Whether a member has what it needs before it can answer, such as a key.</summary>
    bool IsReady(UnitReads member) => true;

    /// <summary>Plans what clients do while the network is broken.</summary>
    void Begin(UnitRun run);

    /// <summary>A request that must be answered soon after the network has healed.</summary>
    Request Probe(UnitRun run, ulong nonce);

    /// <summary>A request for <see cref="Shared"/>.</summary>
    Request? SharedProbe(UnitRun run, ulong nonce) => null;

    /// <summary>Whether a barrier is passed now, as the world around the unit knows it.</summary>
    bool IsPassed(Barrier barrier) => true;

    /// <summary>What only this unit promises, of the state that all members came to.</summary>
    void CheckEnd(UnitRun run, UnitState state)
    {
    }
}
