using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Node.Transport;

/// <summary>What each side of a connection says first.</summary>
/// <param name="Version">Of the protocol between nodes.</param>
/// <param name="Library">Release of libsodium: signature verification differs between releases (protocols 0.1).</param>
/// <param name="From">Who speaks.</param>
/// <param name="To">Whom it means to speak to.</param>
public sealed record Hello(ushort Version, string Library, Digest ChainId, Digest From, Digest To) : ICanonical<Hello>
{
    public const ushort CurrentVersion = 1;

    private const int MaxLibrary = 32;

    public void Encode(Encoder to) => to.U16(Version).Text(Library).Digest(ChainId).Digest(From).Digest(To);
    public static Hello Decode(ref Decoder from) => new(from.U16(), from.Text(MaxLibrary), from.Digest(), from.Digest(), from.Digest());
}

/// <summary>A received hello beside what it must agree with.</summary>
/// <param name="ByKey">The node whose record has the transport key of the connection.</param>
public sealed record Greeting(Hello Hello, Digest ChainId, Digest Self, Digest ByKey);

/// <summary>One check of a greeting: null where it holds.</summary>
public sealed record GreetingCheck(string Code, Func<Greeting, Refusal?> Refuse);

/// <summary>What a peer must agree with before anything else is read from it, in order.</summary>
public static class GreetingChecks
{
    public static IReadOnlyList<GreetingCheck> All { get; } =
    [
        new("PRT-NOD-0041", g => g.Hello.Version == Hello.CurrentVersion
            ? null : NodeRefusals.HelloVersion(Hello.CurrentVersion, g.Hello.Version)),
        new("PRT-NOD-0042", g => g.Hello.Library == SodiumLibrary.Version
            ? null : NodeRefusals.HelloLibrary(SodiumLibrary.Version, g.Hello.Library)),
        new("PRT-NOD-0043", g => g.Hello.ChainId == g.ChainId
            ? null : NodeRefusals.HelloChain(g.ChainId, g.Hello.ChainId)),
        new("PRT-NOD-0044", g => g.Hello.From == g.ByKey
            ? null : NodeRefusals.HelloNode(g.ByKey, g.Hello.From)),
        new("PRT-NOD-0045", g => g.Hello.To == g.Self
            ? null : NodeRefusals.HelloAddressee(g.Self, g.Hello.To)),
    ];

    /// <summary>The first refusal, or null.</summary>
    public static Refusal? Refuse(Greeting greeting, IEnumerable<GreetingCheck> checks) =>
        checks.Select(check => check.Refuse(greeting)).FirstOrDefault(refusal => refusal is not null);
}
