using Protean.Runtime;

namespace Protean.Node;

/// <summary>A node cannot do what was asked of it, for a reason that the person who asked can act on. Shown without a stack
/// trace.</summary>
public sealed class RefusedException : Exception
{
    public RefusedException(Refusal refusal, Exception? inner = null) : base(refusal.ToString(), inner) => Refusal = refusal;

    public Refusal Refusal { get; }
}
