/** The page at `/`: one file with everything in it. What it shows it asks for by itself, at `/pair`. */
import { html, policy } from 'memcache-ha:page';
import type { HttpAnswer } from '../io/http-server.ts';

export function pageAnswer(): HttpAnswer {
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: html,
    headers: { 'content-security-policy': policy, 'referrer-policy': 'no-referrer' },
  };
}
