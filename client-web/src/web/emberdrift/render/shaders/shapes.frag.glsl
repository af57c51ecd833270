#version 300 es
// Paints one shape of light, once, into a layer of the texture that sprites are drawn from: far cheaper than
// working it out for every pixel of every sprite. Red is the light, green how far it burns out towards white.
precision highp float;
uniform int u_shape;
in vec2 v_p;
out vec4 o_texel;

const float PIXEL = 1.0 / 64.0;

void main() {
  float r2 = dot(v_p, v_p);
  float r = sqrt(r2);
  float soft = max(0.0, 1.0 - r2);
  float light = 0.0;
  float white = 0.0;
  if (u_shape == 0) {         // glow
    light = soft * soft;
  } else if (u_shape == 1) {  // ember: hot heart, warm halo, a faint star
    float heart = 1.0 - smoothstep(0.14, 0.27, r);
    float ray = max(0.0, 1.0 - abs(v_p.x * v_p.y) * 70.0) * soft * soft;
    light = soft * soft * soft * 0.52 + heart * 0.8 + ray * 0.16;
    white = heart;
  } else if (u_shape == 2) {  // streak: head at +x, tail fading to -x
    float along = v_p.x * 0.5 + 0.5;
    float across = abs(v_p.y);
    float body = max(0.0, 1.0 - across) * along * along;
    float core = (1.0 - smoothstep(0.18, 0.46, across)) * smoothstep(0.25, 0.9, along);
    float cap = 1.0 - smoothstep(0.86, 0.98, along);
    light = (body * body * 0.8 + core * 0.9) * cap;
    white = core * cap;
  } else if (u_shape == 3 || u_shape == 4) { // ring, and thin ring
    float width = u_shape == 3 ? 0.11 : 0.045;
    float band = max(0.0, 1.0 - abs(r - (0.98 - width)) / width);
    float inside = r < 0.98 - width ? r2 * r2 * 0.12 : 0.0;
    light = u_shape == 3 ? band * band + inside : band;
    white = band * band * 0.3;
  } else if (u_shape == 5) {  // shard: a sharp splinter
    light = 1.0 - smoothstep(0.80, 0.98, abs(v_p.x) + abs(v_p.y));
    white = light * 0.3;
  } else if (u_shape == 6) {  // flame: root at +x, tip at -x
    float along = 0.5 - v_p.x * 0.5;
    float wide = (1.0 - along) * sqrt(along + 0.02) * 1.55;
    float body = max(0.0, 1.0 - abs(v_p.y) / max(wide, 1e-3));
    float core = max(0.0, 1.0 - abs(v_p.y) / max(wide * 0.45 * (1.0 - along), 1e-3));
    light = body * (1.0 - along * 0.75);
    white = core * (1.0 - along) * 0.9;
  } else if (u_shape == 7) {  // bubble: a shield, bright at its rim, in six arcs
    float rim = smoothstep(0.55, 0.94, r) * (1.0 - smoothstep(0.94, 0.94 + 2.0 * PIXEL, r));
    float arcs = 0.72 + 0.28 * cos(atan(v_p.y, v_p.x) * 6.0);
    light = rim * rim * arcs + (r < 0.95 ? 0.06 : 0.0);
    white = rim * rim * rim * 0.4;
  } else if (u_shape == 8) {  // hexagon: a pane in a frame, the shield's sign
    vec2 q = abs(v_p);
    float hex = max(q.x * 0.866 + q.y * 0.5, q.y);
    float frame = 1.0 - smoothstep(0.07, 0.11, abs(hex - 0.74));
    float pane = 1.0 - smoothstep(0.42, 0.46, hex);
    light = max(frame, pane * 0.85) + max(0.0, 0.9 - hex) * 0.25;
    white = frame * 0.35 + pane;
  } else if (u_shape == 9) {  // chevrons: two, pointing up, the sign of rapid fire
    float slope = v_p.y + abs(v_p.x) * 0.85;
    float width = 1.0 - smoothstep(0.62, 0.68, abs(v_p.x));
    float upper = 1.0 - smoothstep(0.13, 0.17, abs(slope - 0.56));
    float lower = 1.0 - smoothstep(0.13, 0.17, abs(slope + 0.10));
    light = max(upper, lower) * width;
    white = upper * width * 0.7;
  } else if (u_shape == 10) { // horseshoe: the sign of the magnet, its poles white
    vec2 q = vec2(abs(v_p.x), v_p.y + 0.18);
    float d = q.y > 0.0 ? abs(q.x - 0.48) : abs(length(q) - 0.48);
    float bow = (1.0 - smoothstep(0.17, 0.21, d)) * (1.0 - smoothstep(0.78, 0.82, q.y));
    float gap = 1.0 - smoothstep(0.03, 0.06, abs(q.y - 0.40));
    light = bow * (1.0 - gap);
    white = bow * smoothstep(0.40, 0.46, q.y);
  } else if (u_shape == 11) { // orbit: three arcs, brighter towards one end
    float turn = fract(atan(v_p.y, v_p.x) / 6.2831853 * 3.0);
    float arc = smoothstep(0.0, 0.08, turn) * (1.0 - smoothstep(0.62, 0.70, turn));
    float band = max(0.0, 1.0 - abs(r - 0.90) / 0.06);
    light = band * arc * (0.35 + turn);
    white = light * 0.3;
  } else {                    // bead: a drop, head at +x, a bright shell about a small heart
    float head = length(vec2((v_p.x - 0.42) * 1.75, v_p.y));
    float wide = 0.9 * smoothstep(-1.0, 0.45, v_p.x);
    float tail = v_p.x < 0.42 ? max(0.0, 1.0 - abs(v_p.y) / max(wide, 1e-3)) * (v_p.x + 1.0) * 0.6 : 0.0;
    float shell = max(0.0, 1.0 - abs(head - 0.68) / 0.22);
    float heart = 1.0 - smoothstep(0.22, 0.36, head);
    light = max(max(tail * tail, shell * 0.9), heart) + max(0.0, 1.0 - head) * 0.3;
    white = heart;
  }
  o_texel = vec4(light, white, 0.0, 1.0);
}
