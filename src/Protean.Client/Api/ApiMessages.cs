using Protean.Runtime;

namespace Protean.Client.Api;

/// <summary>Bodies of the HTTP API as JSON has them: canonical bytes in base64, identifiers in hexadecimal (docs/api.md).</summary>
/// <param name="Links">From the genesis on; null where the node has not left the first epoch.</param>
public sealed record NetworkReply(string ChainId, byte[] Genesis, string Node, ulong Epoch, IReadOnlyList<byte[]>? Links);

public sealed record SubmitBody(byte[] Request, int WaitMs);

/// <param name="Status">"done" or "waiting"; a refusal is thrown.</param>
/// <param name="Receipt">Canonical, if done.</param>
/// <param name="Outputs">Canonical, if done.</param>
/// <param name="Record">What convinces a third party of a shared result; empty for others.</param>
public sealed record SubmitReply(string Status, byte[]? Receipt, byte[]? Outputs, byte[]? Record);

public sealed record StateBody(IReadOnlyList<byte[]> Keys, IReadOnlyList<byte[]> Prefixes, ulong MinHeight, int WaitMs);

public sealed record StateReply(byte[] Seal, byte[] Witness);

public sealed record HeadReply(byte[] Seal);

public sealed record KeyReply(byte[] Record, byte[] Receipt, byte[] Outputs);

public sealed record QueryBody(byte[] Input);

public sealed record QueryReply(byte[] Output);

/// <summary>A refusal on the wire.</summary>
public sealed record RefusalBody(string Code, string? What, string? Where, string? Expected, string? Got, bool Retry, string? Advice)
{
    public Refusal ToRefusal() => new(Code, What ?? "", Where ?? "", Expected ?? "", Got ?? "", Retry, Advice ?? "");
}
