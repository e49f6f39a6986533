using Protean.Runtime;

namespace Protean.Client;

/// <summary>What was asked was not done; nothing is half done.</summary>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.ToString())
{
    /// <summary>Code, what, where, expected and got, whether a retry helps, and what to do.</summary>
    public Refusal Refusal { get; } = refusal;
}
